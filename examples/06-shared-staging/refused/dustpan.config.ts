import { defineConfig } from '@dustpan/core'
import staging, { onDatabase } from '../dustpan.config.ts'

/** As if somebody had put the database into the configuration, and expected it to be reached. */
const others = (staging.drivers ?? []).filter(({ name }) => name !== 'database')

export default defineConfig({ ...staging, drivers: [...others, onDatabase()] })
