// Front door of the local proxy: a whole tunnel on this machine, without an account.

export {type DemoOptions, type DemoReport, runDemo} from './demo/run-demo.ts'
export type {LocalProxy, LocalProxyInfo, LocalProxyOptions, LocalProxyTarget} from './options.ts'
export {proxyBlocks, writeProxyInfo} from './present.ts'
export {readProxyFlags} from './proxy-flags.ts'
export {type RunLocalProxyOptions, runLocalProxy} from './run-local-proxy.ts'
