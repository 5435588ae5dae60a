"""The marketplace for massage bookings: its rules, its store, and its words to the outside."""

from marketplace.platform.runtime.garbage_collection import put_off_while_starting

put_off_while_starting()
