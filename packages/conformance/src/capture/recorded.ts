import type { Json, Proof, Removal, StoreSeen, Target } from '@dustpan/core/driver'

/** A created resource. */
export interface Recorded {
  readonly id: string
  readonly scope: string
  readonly store: StoreSeen
  readonly type: string
  readonly key: Json
  readonly removal: Removal
  readonly proof: Proof
  readonly via: string
  state: 'live' | 'open' | 'gone'
}

/** The target that the pipeline would pass to the driver `main`. */
export function targetOf({ id, type, key, removal, proof }: Recorded): Target {
  return { id, type, key, removal: { ...removal, driver: 'main' }, proof, createdAt: Date.now() }
}
