declare module 'cluster-key-slot' {
  /** The slot of a key among 16,384: CRC16 of its hash tag, or of all of it where it has none. */
  function calculateSlot(key: string | Uint8Array): number;
  export = calculateSlot;
}
