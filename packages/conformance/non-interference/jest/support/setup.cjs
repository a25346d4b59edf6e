globalThis.fromSetupFile = 'set'
