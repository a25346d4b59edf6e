/** For those who write a driver: the contracts, errors, and the clock. */
import './errors/node-version.ts'

export { clock } from './clock/clock.ts'
export { stoppedBy } from './clock/stopped-by.ts'
export { milliseconds } from './config/duration.ts'
export type { Code } from './errors/codes.ts'
export { DustpanError, invalidArgument, isDustpanError, messageOf } from './errors/dustpan-error.ts'
export { redact } from './errors/redact.ts'
export { removeFilesOfRows } from './files/files-of-rows.ts'
export { wrongFiles } from './files/files-option.ts'
export {
  type FileColumn,
  fileColumns,
  lastPart,
  type RowFiles,
  removeRowFiles,
  rowAndFile,
  rowFiles,
  warnOfMissingColumn,
} from './files/row-files.ts'
export { asOne } from './instrument/as-one.ts'
export { type ClientLibrary, loadLibrary, ofSupported, unsupportedLibrary } from './instrument/client-library.ts'
export { currentSink } from './instrument/current-sink.ts'
export { decidingRules, type InstanceRules } from './instrument/deciding-rules.ts'
export { type Method, ownerOf, type PatchedCall, replaceMethod } from './instrument/replaced-method.ts'
export { type SharedPatch, sharedPatch } from './instrument/shared-patch.ts'
export type { RunOutline } from './ledger/outline.ts'
export { wrongKinds } from './options/check-kinds.ts'
export {
  type DeletionMode,
  deletionWithin,
  onlyMarked,
  rowsOnlyMarked,
  statementNotRun,
} from './options/deletion.ts'
export type {
  Condition,
  KindOptions,
  Kinds,
  OwnerColumn,
  OwnersOptions,
} from './options/kinds.ts'
export { checkOptionRules, type OptionRules, sharedRules, wrongOption } from './options/option-rules.ts'
export { eachOf, isFlag, isRecord, isText, someOf } from './options/option-values.ts'
export { noOwners, severalOwners, unknownOwner, wrongOwner } from './options/owners.ts'
export type {
  Deletion,
  FilesOption,
  RowFileOptions,
  RowOptions,
  SoftDeleteColumns,
  TableOptions,
} from './options/row-options.ts'
export {
  checkTableOptions,
  connectionString,
  type OptionCheck,
  tableOptionChecks,
  type WrongPart,
} from './options/table-option-checks.ts'
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
} from './resource/driver.ts'
export type { LedgerConfig } from './resource/ledger-config.ts'
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
export { allGone, allOrNone, rolledBack } from './rows/all-or-none.ts'
export {
  kindsNamed,
  protectedType,
  sparedIds,
  unfitColumn,
  unfitKind,
} from './rows/ask-kind.ts'
export {
  type AskedKind,
  askedKinds,
  exceptedHere,
  isUnfit,
  ownerAsked,
  type UnfitKind,
} from './rows/asked-kinds.ts'
export { type BatchOfRows, batchesByKind, type KindOfRows } from './rows/batches-of-rows.ts'
export { type Change, changeOf, isChange, type RestoreArgs } from './rows/changed-row.ts'
export { type ChangedRow, type ChangeLine, changedRows } from './rows/changed-rows.ts'
export { type ChangedTable, changedSets, type LinesOfRows } from './rows/changed-sets.ts'
export { type Component, componentsOf } from './rows/components.ts'
export { handTracked } from './rows/hand-tracked.ts'
export { keyParts } from './rows/key-parts.ts'
export { kindOfRun } from './rows/kind-of-run.ts'
export { likePattern } from './rows/like-pattern.ts'
export { type TableCount, warnOfLate, warnOfLogState, warnOfUnattributed } from './rows/log-warnings.ts'
export { type Looked, lookApart, type Unread, type Verdicts } from './rows/look-apart.ts'
export { isMigrationTable } from './rows/migration-tables.ts'
export { idsNumbered, targetNumbered } from './rows/numbered-targets.ts'
export { inHalves, type LookAtRows, oneByOne, withoutLocked, withTheRest } from './rows/parts-of-batches.ts'
export { readBack } from './rows/read-back.ts'
export { type ReadableSql, readableRemoval, readableValue, readableWhere } from './rows/readable-sql.ts'
export { removeInOrder } from './rows/removal-order.ts'
export { removeAgreed } from './rows/removed-kinds.ts'
export { emptiedKinds, kindToReset, moreToEmpty, notEmptied, resetParts } from './rows/reset-kinds.ts'
export {
  asBefore,
  changedSince,
  columnsRestored,
  notRestored,
  rowRestored,
  sinceThen,
} from './rows/restored-rows.ts'
export { beyondMarking, type MarksOf, marksOf } from './rows/row-marks.ts'
export {
  alreadyGone,
  each,
  failedWith,
  locked,
  marked,
  notOurRow,
  type Outcomes,
  removed,
  rowStillThere,
  rowWithDependents,
  together,
  toldAsMarked,
} from './rows/row-outcomes.ts'
export {
  type LostRow,
  lostRows,
  type RestoreOutcomes,
  rowAsPresent,
  rowBack,
  rowBackChanged,
  rowNotBack,
  rowsToInsert,
} from './rows/rows-back.ts'
export {
  counted,
  eachKind,
  foundTarget,
  matchesOf,
  notSearched,
  samples,
  unfit,
} from './rows/searched-kinds.ts'
export {
  isRowRemoval,
  type RemovalSpec,
  type RowArgs,
  type SetColumns,
  type SqlArgs,
  sqlRemoval,
} from './rows/sql-removals.ts'
export { removeByStatement, shortened } from './rows/sql-statement.ts'
export { groupsOfTables } from './rows/table-groups.ts'
export { parseTableName, type WrittenTable, wantedTable } from './rows/table-name.ts'
export {
  notBackedUpRows,
  notBackRows,
  readBackApart,
  type Telling,
  unseenRows,
} from './rows/unread-rows.ts'
export type { CarryOut, Job, Jobs, TimetableEntry } from './shared/jobs.ts'
export { type LeaseHolder, leaseMs, type SharedLedger, type SharedRunState } from './shared/shared-ledger.ts'
