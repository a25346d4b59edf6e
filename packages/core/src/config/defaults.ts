/** What holds where the configuration says nothing: apart from the schema, as zod costs 30 ms. */
import type { DustpanConfig } from './config.ts'

export const defaults = {
  environment: 'local',
  cleanup: {
    strategy: 'immediate',
    onSuccess: true,
    onFailure: false,
    autoCleanup: true,
    keepFor: '24h',
    maxAge: '1h',
    order: 'reverse',
    retry: { attempts: 3, delay: '1s' },
    timeout: '30s',
    cascade: true,
    verify: 'auto',
    atomic: false,
    onCleanupFailure: 'warn',
    hooks: [],
  },
  lifetime: 'test',
  metadata: {
    headers: true,
    headerPrefix: 'X-Test-',
    cookie: false,
    createdBy: 'dustpan',
    columns: 'auto',
    marks: { tags: ['test-data'], isTest: true },
  },
  profiles: {},
  protect: { types: [], ids: {} },
  allow: [],
  cleaners: {},
  drivers: [],
  sourceLines: true,
} satisfies DustpanConfig
