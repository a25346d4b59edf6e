import { type SharedPatch, sharedPatch } from '@dustpan/core/driver'

export const patch: SharedPatch = sharedPatch(Symbol.for('dustpan/mongodb/patch'))
