//! One run of the program: the open kernel interface, standard output, and what is done with them.

use crate::args::{Format, Invocation, Listing, What};
use crate::connections;
use crate::failure::Failure;
use crate::json;
use crate::list::{self, Printer};
use crate::messages;
use crate::names::Names;
use crate::output::Output;
use crate::rules::RuleWriter;
use crate::sort;
use crate::text::Texts;
use ipvs::Client;
use ipvs::model::{DestEntry, ServiceEntry, ServiceKey, TableService};
use std::fs::File;
use std::io::{BufRead, BufReader};

/// What a run works with.
pub struct Session<'n> {
    /// The kernel.
    pub client: Client,
    /// Standard output.
    pub out: Output,
    /// Where names come from.
    pub names: &'n dyn Names,
    /// The program's name as typed.
    pub program: Vec<u8>,
}

impl<'n> Session<'n> {
    /// Carries out what is no `-R` and needs no file.
    ///
    /// # Errors
    /// Anything; what was printed before stays printed.
    pub fn perform(&mut self, invocation: &Invocation) -> Result<(), Failure> {
        match invocation {
            Invocation::Help => {
                let text = messages::help(&self.program);
                self.out.buffer().extend_from_slice(&text);
            }
            Invocation::Version => {
                self.out.buffer().extend_from_slice(messages::VERSION.as_bytes());
                self.out.buffer().push(b'\n');
            }
            Invocation::Change(op) => self.client.execute(op).map_err(Failure::Change)?,
            Invocation::List(listing) => self.list(*listing)?,
            Invocation::Save { numeric } => self.save(*numeric)?,
            // The caller's.
            Invocation::Restore | Invocation::Plan(_) | Invocation::Apply(_) | Invocation::Check { .. } => {}
        }
        Ok(())
    }

    fn texts(&self, numeric: bool) -> Texts<'n> {
        Texts::choose(numeric, self.names).from_interface(self.client.interface())
    }

    fn list(&mut self, listing: Listing) -> Result<(), Failure> {
        match listing.what {
            What::Services => {
                let services = self.services(None, listing.sorted)?;
                let printer = Printer::new(listing, self.texts(listing.numeric));
                printer.version(self.out.buffer(), self.client.info());
                self.print(printer, &services, listing.format)
            }
            What::Service(key) => {
                let services = self.services(Some(&key), listing.sorted)?;
                let printer = Printer::new(listing, self.texts(listing.numeric));
                self.print(printer, &services, listing.format)
            }
            What::Json(key) => self.json(key.as_ref(), listing.sorted),
            What::Connections { with_pe } => self.connections(listing.numeric, with_pe),
            What::Timeouts => {
                let timeouts = self.client.timeouts().map_err(|_| Failure::Silent)?;
                list::timeouts(self.out.buffer(), &timeouts);
                Ok(())
            }
            What::Daemons => {
                for daemon in self.client.daemons().map_err(|_| Failure::Silent)? {
                    list::daemon(self.out.buffer(), &daemon);
                }
                Ok(())
            }
        }
    }

    fn services(&mut self, key: Option<&ServiceKey>, sorted: bool) -> Result<Vec<ServiceEntry>, Failure> {
        let mut services = match key {
            Some(key) => vec![self.client.service(key)?],
            None => self.client.services()?,
        };
        if sorted {
            sort::services(&mut services);
        }
        Ok(services)
    }

    fn print(&mut self, mut printer: Printer<'_>, services: &[ServiceEntry], format: Format) -> Result<(), Failure> {
        let Self { client, out, .. } = self;
        printer.title(out.buffer());
        let print = |entry: &ServiceEntry, dests: &mut Vec<DestEntry>| Ok(printer.service(out, entry, dests)?);
        match format {
            Format::Stats | Format::Rate => client.dests_of_each(services, print),
            // The kernel spends most of a long listing on counters, which nobody would see here.
            _ => client.dests_of_each_without_stats(services, print),
        }
    }

    fn json(&mut self, key: Option<&ServiceKey>, sorted: bool) -> Result<(), Failure> {
        let services = self.services(key, sorted)?;
        let Self { client, out, .. } = self;
        json::begin(out.buffer(), client.info(), client.timeouts()?, &client.daemons()?)?;
        let mut first = true;
        client.dests_of_each(&services, |entry, dests: &mut Vec<DestEntry>| -> Result<(), Failure> {
            if sorted {
                sort::dests(dests);
            }
            json::service(out, entry, dests, std::mem::take(&mut first))?;
            Ok(())
        })?;
        json::end(out.buffer(), services.is_empty());
        Ok(())
    }

    fn save(&mut self, numeric: bool) -> Result<(), Failure> {
        let services = self.services(None, true)?;
        let mut writer = RuleWriter::save(self.texts(numeric));
        let Self { client, out, .. } = self;
        client.dests_of_each_without_stats(&services, |entry, dests| -> Result<(), Failure> {
            sort::dests(dests);
            writer.service(out.buffer(), b"-A", &entry.service);
            for entry_dest in dests.iter() {
                writer.dest(out.buffer(), b"-a", &entry.service.key, &entry_dest.dest);
                out.settle()?;
            }
            out.settle()?;
            Ok(())
        })
    }

    fn connections(&mut self, numeric: bool, with_pe: bool) -> Result<(), Failure> {
        let file = File::open(connections::PATH).map_err(|_| Failure::NoConnectionFile)?;
        let mut input = BufReader::with_capacity(64 * 1024, file);
        let mut line = Vec::new();
        let mut next = |line: &mut Vec<u8>| {
            line.clear();
            input.read_until(b'\n', line).is_ok_and(|count| count > 0)
        };
        if !next(&mut line) {
            return Err(Failure::EmptyConnectionFile);
        }
        let mut printer = connections::Printer::new(self.texts(numeric), with_pe);
        printer.title(self.out.buffer());
        while next(&mut line) {
            printer.line(self.out.buffer(), &line);
            self.out.settle()?;
        }
        Ok(())
    }

    /// The kernel's whole table.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn table(&mut self) -> Result<ipvs::model::Table, Failure> {
        let services = self.client.services()?;
        let mut table = ipvs::model::Table::default();
        self.client.dests_of_each_without_stats(&services, |entry, dests| -> Result<(), Failure> {
            let dests = dests.iter().map(|entry| entry.dest).collect();
            table.services.push(TableService { service: entry.service, dests });
            Ok(())
        })?;
        Ok(table)
    }
}
