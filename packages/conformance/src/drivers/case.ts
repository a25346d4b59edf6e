import type { World } from './world.ts'

/** A case that every driver must pass, written once. */
export interface DriverCase {
  readonly name: string
  /** The contract, in half a sentence. */
  readonly contract: string
  /** Throws when the contract does not hold. Optional abilities of the subject are requested by {@link World.need}. */
  run(world: World): Promise<void>
  /** The place is reached through a proxy that can be cut and stopped. */
  readonly proxied?: true | 'where there is an address'
}

/** The subject lacks an ability that a case needs. */
export class Missing extends Error {}
