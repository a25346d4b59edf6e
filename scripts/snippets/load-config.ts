import { loadSettings } from '../../packages/core/src/config/load.ts'

// Run in a scratch project by run-block.ts: an invalid configuration ends the process with its message.
await loadSettings(process.cwd())
