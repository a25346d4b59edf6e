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
