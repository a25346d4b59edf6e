/** What suites for runners and drivers are made of. */
export { type Api, startApi } from './api.ts'
export { outcomes, resources } from './outcomes.ts'
export { createProject, type Project, type ProjectOptions, type ProjectRun } from './project.ts'
