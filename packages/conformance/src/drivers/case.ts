import type { World } from './world.ts'

/** What has to hold of every store, told once. */
export interface DriverCase {
  readonly name: string
  /** What holds, in half a sentence. */
  readonly contract: string
  /** Throws when it does not hold. What it takes of the subject, it asks {@link World.need} for. */
  run(world: World): Promise<void>
  /** The case's place is reached through a proxy that can be cut and stopped. */
  readonly proxied?: true | 'where there is an address'
}

/** The subject does not offer what a case takes. */
export class Missing extends Error {}
