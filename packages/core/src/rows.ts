/** For drivers of stores that hold rows or documents: finding, removing, marking, backing up and restoring them. */
import './errors/node-version.ts'

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
export {
  type DeletionMode,
  deletionWithin,
  onlyMarked,
  rowsOnlyMarked,
  statementNotRun,
} from './options/deletion.ts'
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
export { storeOfHandTracked } from './rows/hand-tracked.ts'
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
  markedOutcomes,
  notOurRow,
  type Outcomes,
  removed,
  rowStillThere,
  rowWithDependents,
  together,
} from './rows/row-outcomes.ts'
export {
  type LostRow,
  lostRows,
  presentRowOutcome,
  type RestoreOutcomes,
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
export { byTableName, parseTableName, type WrittenTable, wantedTable } from './rows/table-name.ts'
export {
  notBackedUpRows,
  notRestoredRows,
  type RowErrorTexts,
  readBackApart,
  unseenRows,
} from './rows/unread-rows.ts'
