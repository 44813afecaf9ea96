import {BaseCommand} from '../../../../../src/toolkit/cli/index.ts'

export default class Wait extends BaseCommand<typeof Wait> {
  async run(): Promise<void> {
    const alive = setInterval(() => {}, 1000)
    this.host.stdout.write('waiting\n')
    await new Promise((resolve) => this.stop.asked.addEventListener('abort', resolve))
    clearInterval(alive)
    throw new Error('gave up')
  }
}
