/** A driver that loads in tests' processes only. */
import { createFilesDriver } from '../../src/files/driver.ts'

if (process.argv[1]?.includes('reaper/program')) throw new Error('not for reapers')

export const createDriver = createFilesDriver
