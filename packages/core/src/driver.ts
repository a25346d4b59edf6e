/** For driver authors: contracts, errors, the clock, options, and instrumenting a client library. */
import './errors/node-version.ts'

export { clock } from './clock/clock.ts'
export { stoppedBy } from './clock/stopped-by.ts'
export { milliseconds } from './config/duration.ts'
export type { Code } from './errors/codes.ts'
export { DustpanError, invalidArgument, isDustpanError, messageOf } from './errors/dustpan-error.ts'
export { redact } from './errors/redact.ts'
export { asOne } from './instrument/as-one.ts'
export { type ClientLibrary, loadLibrary, ofSupported, unsupportedLibrary } from './instrument/client-library.ts'
export { currentSink } from './instrument/current-sink.ts'
export { decidingRules, type InstanceRules } from './instrument/deciding-rules.ts'
export { type Method, ownerOf, type PatchedCall, replaceMethod } from './instrument/replaced-method.ts'
export { type SharedPatch, sharedPatch } from './instrument/shared-patch.ts'
export { wrongKinds } from './options/check-kinds.ts'
export type {
  Condition,
  KindOptions,
  Kinds,
  OwnerColumn,
  OwnersOptions,
} from './options/kinds.ts'
export { checkOptionRules, type OptionRules, sharedRules, wrongOption } from './options/option-rules.ts'
export { eachOf, isFlag, isRecord, isText, someOf } from './options/option-values.ts'
export { redactFor } from './report/redact.ts'
export type {
  ApplicationLog,
  ApplicationLogPlan,
  ApplicationLogStatus,
  CollectedSet,
  CollectRequest,
  LoggedTable,
} from './resource/application.ts'
export { canonicalHost } from './resource/canonical-host.ts'
export type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  CreatedShape,
  Instrument,
  KnownResource,
  PendingCreate,
  RecordedResource,
  RowMarker,
  StoreSeen,
} from './resource/capture.ts'
export type {
  ConnectContext,
  Dependent,
  RelateContext,
  Relations,
  RemovalContext,
  StoreCondition,
  StoreConnection,
  StoreFinding,
} from './resource/connection.ts'
export type {
  AtWorkIn,
  Capabilities,
  ConfigFunctions,
  CreateDriver,
  Driver,
  DriverConfig,
  DriverContext,
  NoStore,
} from './resource/driver.ts'
export { filesWithRows, matchedOf, moreThanAgreed } from './resource/matched.ts'
export type { MetadataColumns, MetadataMigration, TableMigration } from './resource/metadata-columns.ts'
export {
  type Agreed,
  defaultTag,
  type Matched,
  type Matches,
  type Predicate,
  type Selection,
  type Spared,
} from './resource/predicate.ts'
export type { Profile } from './resource/profile.ts'
export { mostFound, type OpenIntent, type Resolved, type ResolveRequest } from './resource/resolve.ts'
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
export { namesKind } from './resource/same-kind.ts'
export { identityOfSeen, withoutIdentity } from './resource/store-identity.ts'
export type {
  BackedUp,
  Followed,
  Presence,
  RemovalOutcome,
  RestoreOutcome,
  Staying,
  TakenAlong,
  Target,
} from './resource/target.ts'
export { fillJson } from './resource/template.ts'
