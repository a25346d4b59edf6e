// TypeScript as it is: Vitest then evaluates it for each test file, even without isolation. A built file of a package it would load once a process.
import { openFile } from '@dustpan/vitest-plugin/worker'

await openFile()
