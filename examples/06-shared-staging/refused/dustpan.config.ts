import { defineConfig } from '@dustpan/core'
import staging, { onDatabase } from '../dustpan.config.ts'

/** Simulates a configuration that has the database, although the profile does not allow it. */
const others = (staging.drivers ?? []).filter(({ name }) => name !== 'database')

export default defineConfig({ ...staging, drivers: [...others, onDatabase()] })
