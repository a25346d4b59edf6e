/** Warns about packages through which tests create what is not tracked. */
import type { Project } from '../../project/project.ts'
import { uncapturedIn } from '../../project/uncaptured.ts'
import { type Check, warning } from '../check.ts'

export const uncaptured = (project: Project): readonly Check[] =>
  uncapturedIn(project).map(({ subject, message, fix }) => warning(subject, message, { fix }))
