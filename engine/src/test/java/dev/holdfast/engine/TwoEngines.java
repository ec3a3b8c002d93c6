package dev.holdfast.engine;

import org.junit.jupiter.api.AfterEach;

/** Two engines on one shop, as two nodes are. A hold past its deadline stays until somebody needs its units. */
abstract class TwoEngines {
    final Shop shop;
    final StockEngine engine;
    final StockEngine second;

    TwoEngines(Path path) {
        shop = Shop.unswept(path);
        engine = shop.engine();
        second = shop.database().open(path, TestDatabase.UNSWEPT);
    }

    @AfterEach
    void theBooksAreRight() {
        second.close();
        shop.close();
    }
}
