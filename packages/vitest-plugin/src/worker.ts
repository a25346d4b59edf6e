/** Entry point of the setup file that the plugin adds. */
export { openFile } from './open-file.ts'
