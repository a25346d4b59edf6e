/** What suites for runners and drivers are made of. */
export { type Api, startApi } from './api.ts'
export { outcomes, resources } from './outcomes.ts'
export { processExit } from './process-exit.ts'
export { createProject, type Project, type ProjectOptions, type ProjectRun } from './project.ts'
export { type Receiver, startReceiver } from './receiver.ts'
export { withNode } from './with-node.ts'
export { expectedOfDriverOption, toldOfDriverOption, wrongDriverOption } from './wrong-driver-option.ts'
