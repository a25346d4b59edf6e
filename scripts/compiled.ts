import { join } from 'node:path'
import { root } from './workspace.ts'

/** Where Node keeps what it has compiled for the processes that tests start. */
export const compiled = join(root, '.cache', 'compiled')
