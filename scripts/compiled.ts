import { join } from 'node:path'
import { root } from './workspace.ts'

/** Node's compile cache for processes that tests start. */
export const compiled = join(root, '.cache', 'compiled')
