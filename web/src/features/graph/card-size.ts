/** The size of a node's card: fixed, so that the graph can be laid out and fitted before anything is drawn. */
export const CARD = { width: 240, height: 96 };
/** Everything on a canvas stands on a multiple of this. */
export const GRID = 8;
