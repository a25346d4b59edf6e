import { dustpan } from '@dustpan/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [dustpan()] })
