export { type Adapter, type AnyPort, defineAdapter, type ProvideOptions, type Provision, provide } from './adapter.ts';
export { type App, type AppOptions, createApp } from './create-app.ts';
export { type SdkSource, sdkLoader } from './sdk-loader.ts';
