/** The two sizes DESIGN §6 is judged at: a phone in the hand, a tablet upright. */
export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };
/** The office's desk. */
export const DESK = { width: 1280, height: 800 };
