package dev.holdfast.server.checkout;

/** Is told before each step: the gaps between two effects. There is none but in tests, which let a driver die there. */
interface Watcher {
    Watcher NONE = (_, _) -> {};

    void before(Checkout checkout, Step step);
}
