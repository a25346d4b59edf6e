/** Building blocks for the suites of runners and drivers. */
export { type Api, startApi } from './api.ts'
export { outcomes, resources } from './outcomes.ts'
export { processExit } from './process-exit.ts'
export { createProject, type Project, type ProjectOptions, type ProjectRun } from './project.ts'
export { type Receiver, startReceiver } from './receiver.ts'
export { withNode } from './with-node.ts'
export { driverOptionMessage, expectedDriverOptionMessage, wrongDriverOption } from './wrong-driver-option.ts'
