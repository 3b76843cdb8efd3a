//! The client connections of one worker: how many there are, and telling them all to come to an end.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};

use tokio::sync::Notify;

/// Counts connections, and reaches them.
pub(crate) struct OpenConnections {
    most: usize,
    count: Cell<usize>,
    changed: Notify,
    stopping: Cell<bool>,
    /// By the place of each connection; free places are reused. A borrow never outlasts a call.
    places: RefCell<Places>,
}

#[derive(Default)]
struct Places {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

/// One connection's place among the open ones, until it is dropped.
pub(crate) struct Entered {
    open: Rc<OpenConnections>,
    place: usize,
}

impl OpenConnections {
    pub(crate) fn new(most: usize) -> Rc<Self> {
        Rc::new(Self {
            most,
            count: Cell::new(0),
            changed: Notify::new(),
            stopping: Cell::new(false),
            places: RefCell::default(),
        })
    }

    pub(crate) fn has_room(&self) -> bool {
        self.count.get() < self.most
    }

    /// Pending while there is room: it is for those who found none.
    pub(crate) async fn wait_for_room(&self) {
        if self.has_room() {
            std::future::pending::<()>().await;
        }
        while !self.has_room() {
            self.changed.notified().await;
        }
    }

    pub(crate) async fn wait_until_none(&self) {
        while self.count.get() > 0 {
            self.changed.notified().await;
        }
    }

    /// Asks every connection to come to an end.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        for waker in self.places.borrow().wakers.iter().flatten() {
            waker.wake_by_ref();
        }
    }

    pub(crate) fn enter(self: &Rc<Self>) -> Entered {
        self.count.set(self.count.get() + 1);
        let mut places = self.places.borrow_mut();
        let place = places.free.pop().unwrap_or_else(|| {
            places.wakers.push(None);
            places.wakers.len() - 1
        });
        Entered { open: Rc::clone(self), place }
    }
}

impl Entered {
    /// Whether the connection should come to an end. A flag, since connections look at it at every poll.
    pub(crate) fn is_stopping(&self) -> bool {
        self.open.stopping.get()
    }

    /// Has `waker` woken when that changes. Once is enough: a task keeps its waker.
    pub(crate) fn wake_when_stopping(&self, waker: &Waker) {
        self.open.places.borrow_mut().wakers[self.place] = Some(waker.clone());
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut places = self.open.places.borrow_mut();
        places.wakers[self.place] = None;
        places.free.push(self.place);
        self.open.count.set(self.open.count.get() - 1);
        self.open.changed.notify_one();
    }
}
