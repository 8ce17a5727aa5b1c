import type { CallOutcome, Permit, Standing } from "./rules/breaker.ts";
import { type Burst, NO_BURST } from "./rules/slow-start.ts";

/** How long an isolate goes by what it knows of a breaker. */
export const TRUST_MS = 5_000;
/** How long outcomes that decide nothing are gathered before they are sent. */
const GATHER_MS = 1_000;
/** Gathered outcomes that are sent without waiting longer. */
const MAX_GATHERED = 200;
/** An isolate that serves very many workspaces must not remember all of them. */
const MAX_SEATS = 2_000;

/** What this isolate knows of one breaker, and what it has still to tell it. Plain data: requests share it. */
export interface Seat {
  standing: Standing;
  learntAt: number;
  trustedUntil: number;
  /** The newest generation that was heard of; 0 is older than any. */
  generation: number;
  gathered: CallOutcome[];
  sentAt: number;
  /** The calls of this isolate that are under way. */
  burst: Burst;
}

const seats = new Map<string, Seat>();

/** The seat of a breaker, by its object's name. */
export function seatOf(name: string): Seat {
  const seat = seats.get(name) ?? newSeat();
  // Taken out first, so that the map's order stays that of the uses.
  seats.delete(name);
  const oldest = seats.size >= MAX_SEATS ? seats.keys().next().value : undefined;
  if (oldest !== undefined) seats.delete(oldest);
  seats.set(name, seat);
  return seat;
}

function newSeat(): Seat {
  return {
    standing: null,
    learntAt: 0,
    trustedUntil: 0,
    generation: 0,
    gathered: [],
    sentAt: 0,
    burst: NO_BURST,
  };
}

/** What a caller may be told without asking the object; `null` when it must be asked. */
export function knownPermit({ standing, learntAt, trustedUntil }: Seat, now: number): Permit | null {
  // A clock that was set back would make what is known last for hours.
  if (standing === null || now < learntAt || now >= trustedUntil) return null;
  return standing.blocked ?? { allowed: true, generation: standing.generation, probe: false };
}

/** For an object that does not answer: calls go through for as long as an answer would have been trusted. */
export function assumeClosed(seat: Seat, now: number): void {
  learn(seat, { generation: seat.generation, blocked: null }, now);
}

/** Takes in what the object said: for five seconds, or until the time that it named when that is sooner. */
export function learn(seat: Seat, standing: Standing, now: number): void {
  // Answers may overtake each other: one from before must not hide that the breaker has opened since.
  if (standing !== null && standing.generation < seat.generation) return;
  seat.standing = standing;
  seat.learntAt = now;
  seat.trustedUntil = Math.min(now + TRUST_MS, standing?.blocked?.reopensAt ?? Number.POSITIVE_INFINITY);
  if (standing !== null) hearOf(seat, standing.generation);
}

/** Notes the newest generation. What was gathered under an older one would change nothing any more. */
function hearOf(seat: Seat, generation: number): void {
  if (generation <= seat.generation) return;
  seat.generation = generation;
  seat.gathered = [];
}

/** Keeps an outcome for the next report. Answers whether that is due. */
export function gather(seat: Seat, generation: number, outcome: CallOutcome, now: number): boolean {
  hearOf(seat, generation);
  if (generation === seat.generation) seat.gathered.push(outcome);
  const waited = now - seat.sentAt;
  const due = waited < 0 || waited >= GATHER_MS || seat.gathered.length >= MAX_GATHERED;
  return due && seat.gathered.length > 0;
}

/** Hands over what was gathered under a generation, which is then nobody else's to send. */
export function takeGathered(seat: Seat, generation: number): CallOutcome[] {
  return generation === seat.generation ? seat.gathered.splice(0) : [];
}
