/** The part of the WebAssembly JavaScript interface that the kernels use; the compiler's libraries have it for browsers only. */
export interface WebAssemblyApi {
  readonly Memory: new (options: { readonly initial: number; readonly maximum?: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly memory: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Memory in pages of 64 KiB. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export const webAssembly: WebAssemblyApi = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi })
  .WebAssembly;

/** Bytes of a page. */
export const PAGE_BYTES = 65_536;
