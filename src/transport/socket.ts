/** What a connection needs of a WebSocket, whichever server accepted it. */
export interface Socket {
  /** Sends one text frame; a closed socket ignores it. */
  send(text: string): void;
  /** Sends a WebSocket ping. */
  ping(): void;
  /** Bytes that were sent and not taken by the network yet. */
  readonly unreadBytes: number;
  /** Stops or resumes reading, which holds the client back. */
  pause(): void;
  resume(): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the connection without a handshake. */
  terminate(): void;
}

/** What a socket tells its connection. */
export interface SocketListener {
  onText(text: string): void;
  onBinary(bytes: Uint8Array): void;
  /** A frame was over the limit; the socket is closing with 1009 already. */
  onFrameTooBig(): void;
  /** A ping was answered. */
  onPong(): void;
  /** @param code The one that the other end sent; 1006 where the connection was lost. */
  onClose(code: number): void;
}
