//! Names as companies of Niger bear them.

/// What a company is.
pub const KINDS: [&str; 14] = [
    "Société",
    "Établissements",
    "Entreprise",
    "Mines",
    "Transports",
    "Groupe",
    "Compagnie",
    "Ateliers",
    "Comptoir",
    "Travaux",
    "Coopérative",
    "Forages",
    "Carrières",
    "Sahélienne",
];

/// Where it is from, or who founded it.
pub const PLACES: [&str; 40] = [
    "Ténéré", "Aïr", "Azaouagh", "Damergou", "Dosso", "Kawar", "Djado", "Arlit", "Agadez", "Tahoua",
    "Zinder", "Maradi", "Diffa", "Tillabéri", "Gaya", "Birni N’Konni", "Téra", "Say", "Filingué", "Ingall",
    "Tchirozérine", "Bilma", "Dogondoutchi", "Madaoua", "Tessaoua", "Mirriah", "Gouré", "Nguigmi", "Ouallam", "Kollo",
    "Niger", "Liptako", "Dallol", "Gourma", "Manga", "Irhazer", "Talak", "Tamesna", "Zarma", "Dendi",
];

/// What it does.
pub const TRADES: [&str; 20] = [
    "Industrie",
    "Forage",
    "BTP",
    "Logistique",
    "Travaux Publics",
    "Énergie",
    "Services",
    "Hydraulique",
    "Mines",
    "Négoce",
    "Génie Civil",
    "Transit",
    "Agro",
    "Matériaux",
    "Routes",
    "Carburants",
    "Construction",
    "Équipement",
    "Distribution",
    "Terrassement",
];

/// Where its office is; the first ones are more frequent.
pub const CITIES: [&str; 12] = [
    "Niamey", "Niamey", "Niamey", "Niamey", "Arlit", "Agadez", "Maradi", "Zinder", "Tahoua", "Dosso", "Tillabéri", "Diffa",
];

/// Families that give their name to a company.
pub const FAMILIES: [&str; 24] = [
    "Abdou", "Moumouni", "Seyni", "Oumarou", "Issaka", "Hassane", "Boubacar", "Alzouma", "Maïga", "Djibo", "Harouna", "Laouali",
    "Mahamadou", "Ousseini", "Saley", "Tahirou", "Yacouba", "Zakari", "Adamou", "Bako", "Chaïbou", "Dan Baba", "Elhadji", "Garba",
];
