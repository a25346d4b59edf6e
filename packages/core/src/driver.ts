/** For those who write a driver: the contracts, errors, and the clock. */
export { clock } from './clock/clock.ts'
export type { Code } from './errors/codes.ts'
export { DustpanError, invalidArgument, isDustpanError, messageOf } from './errors/dustpan-error.ts'
export type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  Instrument,
  KnownResource,
  PendingCreate,
  StoreSeen,
} from './resource/capture.ts'
export type {
  Capabilities,
  CollectedSet,
  Collection,
  CollectRequest,
  ConfigFunctions,
  ConnectContext,
  CreateDriver,
  Dependent,
  Driver,
  DriverConfig,
  DriverContext,
  RelateContext,
  Relations,
  RemovalContext,
  RemovalOutcome,
  StoreConnection,
  Target,
} from './resource/driver.ts'
export type { Matched, Predicate } from './resource/predicate.ts'
export type { Profile } from './resource/profile.ts'
export type {
  Intent,
  Json,
  Proof,
  Removal,
  RemovalStep,
  ResourceId,
  ResourceSet,
  StoreRef,
} from './resource/resource.ts'
