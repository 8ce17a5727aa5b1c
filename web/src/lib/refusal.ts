/** Something that the page does not do, with the reason as its message, in words for people. It is no failure of the page. */
export class Refusal extends Error {}
