/** Dustpan for Vitest: `plugins: [dustpan()]`. */

export type { CleanupReport } from '@dustpan/core'
export { dustpan } from './plugin.ts'

import './provided.ts'
