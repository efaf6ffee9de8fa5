/* Run only by browsers too old for modules; written in the JavaScript they know. */
document.addEventListener('DOMContentLoaded', function () {
  var french = (navigator.language || 'fr').indexOf('en') !== 0;
  document.getElementById('shell-message').textContent = french
    ? 'Ce navigateur est trop ancien pour Tournée. Installez une version récente de Chrome, Edge, Firefox ou Safari.'
    : 'This browser is too old for Tournée. Install a recent Chrome, Edge, Firefox or Safari.';
  document.getElementById('shell-bar').style.display = 'none';
});
