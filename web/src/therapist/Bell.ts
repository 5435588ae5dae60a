/** A loud bell, made of sound waves: there is no file to load, so it rings at once. */
export class Bell {
  #context: AudioContext | null = null;
  #timer: number | null = null;

  /** Whether the browser lets it be heard; it does so after the first tap or key on the page. */
  get isAudible(): boolean {
    return this.#context?.state === "running";
  }

  get isRinging(): boolean {
    return this.#timer !== null;
  }

  /** To be called from a tap. */
  async unlock(): Promise<boolean> {
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") {
      await Promise.race([this.#context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    }
    return this.isAudible;
  }

  start(): void {
    if (this.#timer !== null) return;
    const ring = () => {
      this.#chime();
      navigator.vibrate?.([300, 150, 300]);
    };
    ring();
    this.#timer = window.setInterval(ring, 2_200);
  }

  /** Rings a single time. */
  once(): void {
    this.#chime();
    navigator.vibrate?.([200]);
  }

  stop(): void {
    if (this.#timer !== null) window.clearInterval(this.#timer);
    this.#timer = null;
  }

  #chime(): void {
    const context = this.#context;
    if (!context || context.state !== "running") return;
    for (const [index, frequency] of [880, 1174.7, 880, 1174.7].entries()) {
      const start = context.currentTime + index * 0.22;
      const wave = context.createOscillator();
      const volume = context.createGain();
      wave.type = "triangle";
      wave.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.9, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.21);
      wave.connect(volume).connect(context.destination);
      wave.start(start);
      wave.stop(start + 0.22);
    }
  }
}
