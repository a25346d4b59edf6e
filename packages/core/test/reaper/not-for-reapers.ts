/** A driver that loads only in test processes. */
import { createFilesDriver } from '../../src/files/driver.ts'

if (process.argv[1]?.includes('reaper/program')) throw new Error('not for reapers')

export const createDriver = createFilesDriver
