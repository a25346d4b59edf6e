/** The watched commands, by name and alias; all others are sent without tracking. */
import { aggregate, mapReduce } from './aggregate.ts'
import type { Watcher } from './call.ts'
import { clientBulkWrite } from './client-bulk-write.ts'
import { deleteDocuments } from './deletions.ts'
import { changingCollections, drop, dropDatabase } from './dropped.ts'
import { findAndModify } from './find-and-modify.ts'
import { insert } from './insert.ts'
import { rename } from './renamed.ts'
import { abortTransaction, commitTransaction } from './transactions.ts'
import { update } from './update.ts'

export const watchers: ReadonlyMap<string, Watcher> = new Map([
  ['insert', insert],
  ['update', update],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['delete', deleteDocuments],
  ['bulkWrite', clientBulkWrite],
  ['aggregate', aggregate],
  ['mapReduce', mapReduce],
  ['mapreduce', mapReduce],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['create', changingCollections],
  ['renameCollection', rename],
  ['commitTransaction', commitTransaction],
  ['abortTransaction', abortTransaction],
])
