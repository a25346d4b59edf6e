export { kinds, shopIn } from './shop-in.ts'
export { type PredicateStoreKind, type PredicateWorld, predicateSuite } from './suite.ts'
export { dateOf, everything, items, type Left, logs, otps, settingsFor, users, without } from './world.ts'
