/**
 * Every code that Dustpan can raise or warn with, and what it means in one line.
 * `docs/errors.md` has a section for each; a test holds the two lists, and the tests that raise them, together.
 */
export const codes = {
  DUSTPAN_INVALID_ARGUMENT: 'A call was given a wrong argument',
  DUSTPAN_NO_SCOPE: 'track() or scope() was called where no test, file or run is open',
  DUSTPAN_NO_REPORTER: "Dustpan's reporter is not among those of the run, so nothing is tracked",
  DUSTPAN_NO_FIXTURES: "No test uses Dustpan's fixtures, so nothing is tracked",
  DUSTPAN_RUNNER_CHANGED:
    'The test runner has changed inside, so a part of what tests create is not tracked, or not as it should be',
  DUSTPAN_CONFIG_INVALID: 'An option in the configuration is wrong',
  DUSTPAN_CONFIG_UNREADABLE: 'The configuration file could not be read or run',
  DUSTPAN_UNKNOWN_DRIVER: 'A driver or store is named that the configuration does not have',
  DUSTPAN_DRIVER_UNAVAILABLE: "A driver's package, or the client library it needs, could not be loaded",
  DUSTPAN_UNKNOWN_CLEANER: 'A cleaner is named that the configuration does not have',
  DUSTPAN_ENV_MISSING: 'A setting takes its value from an environment variable that is not set',
  DUSTPAN_HOST_REFUSED: 'The target is not on this machine, or looks like production, and is not allowed by name',
  DUSTPAN_WRONG_STORE: 'The store that answered is not the one in which the resource was created',
  DUSTPAN_STORE_UNREACHABLE: 'The store could not be reached',
  DUSTPAN_STORE_GONE: 'The store lived inside a process that is over',
  DUSTPAN_LOST_CLOSURE: 'The removal is a function whose process is over',
  DUSTPAN_REMOVAL_FAILED: 'The store answered a removal with an error',
  DUSTPAN_REMOVAL_MOCKED: 'A mocking library answered the removal, so nothing was removed',
  DUSTPAN_HAS_DEPENDENTS: 'Rows that no test recorded depend on the resource',
  DUSTPAN_NOT_OURS: 'What is there now is not what the test created',
  DUSTPAN_STILL_THERE: 'The resource was still there after its removal was answered with success',
  DUSTPAN_GONE_UNPROVEN: 'The service answered "not found", but nothing shows that it would have said otherwise',
  DUSTPAN_BATCH_ALREADY_GONE: 'A whole batch was already gone',
  DUSTPAN_BUDGET_EXCEEDED: 'Cleanup ran out of its time',
  DUSTPAN_LEDGER_TORN: 'A line of the ledger could not be read',
  DUSTPAN_LEDGER_UNWRITABLE: 'The ledger could not be written',
  DUSTPAN_RUN_LOCKED: 'Another process is cleaning the run up',
  DUSTPAN_UNKNOWN_RUN: 'No run with this id is in the ledger',
  DUSTPAN_CLEANUP_FAILED: 'Something a test created could not be removed',
  DUSTPAN_HOOK_FAILED: 'A cleanup hook failed',
  DUSTPAN_SQL_UNPARSABLE: 'A statement could not be parsed, so what it creates is not tracked',
  DUSTPAN_SQL_UNATTRIBUTED: 'A statement creates rows in a form that cannot be attributed',
  DUSTPAN_NO_PRIMARY_KEY: 'A table has no primary key, so its rows cannot be tracked',
  DUSTPAN_BODY_UNREAD: 'A response that should name a created resource was never read, or could not be',
  DUSTPAN_NO_ID: 'A response told of a creation, but no id was found in it',
} as const

export type Code = keyof typeof codes
