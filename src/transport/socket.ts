/** What a connection needs of a WebSocket, whichever server accepted it. */
export interface Socket {
  /** From now on the listener is told what comes; before that nothing is missed, as nothing has come. */
  listen(listener: SocketListener): void;
  /** Calls back when the connection is gone, behind the listener's `onClose`. */
  whenClosed(callback: () => void): void;
  /**
   * Sends one text frame; a closed socket ignores it.
   * @param text As a string, or as its bytes in UTF-8.
   * @param written Called once the network took it.
   */
  send(text: string | Buffer, written?: () => void): void;
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
  /** A frame was over the limit. */
  onFrameTooBig(): void;
  /** More came while reading was stopped than can be kept, from a server that cannot stop reading. */
  onFlood(): void;
  /** A ping was answered. */
  onPong(): void;
  /** @param code The one that the other end sent; 1006 where the connection was lost. */
  onClose(code: number): void;
}
