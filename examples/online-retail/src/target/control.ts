/** What a driver asks of a role process, over the channel between parent and child. */
export type Command =
  | { readonly kind: 'advance'; readonly at: number }
  | { readonly kind: 'settle'; readonly role: string }
  | { readonly kind: 'usage' }
  | { readonly kind: 'stop' };

/** A command with a number to answer to. */
export interface Call {
  readonly call: number;
  readonly command: Command;
}

/** What a role process says: that it is ready, or the end of a call. */
export type Reply =
  | { readonly ready: true; readonly url: string | undefined }
  | { readonly call: number; readonly value?: number; readonly error?: string };
