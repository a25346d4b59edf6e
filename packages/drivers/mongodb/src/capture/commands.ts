/** What is watched, by the command's name, or another that servers know it by. All others go their way. */
import { aggregate, mapReduce } from './aggregate.ts'
import type { Watcher } from './call.ts'
import { clientBulkWrite } from './client-bulk-write.ts'
import { deleteDocuments } from './deletions.ts'
import { drop, dropDatabase, forgetting } from './dropped.ts'
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
  ['create', forgetting],
  ['renameCollection', rename],
  ['commitTransaction', commitTransaction],
  ['abortTransaction', abortTransaction],
])
