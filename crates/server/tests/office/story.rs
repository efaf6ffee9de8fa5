//! The office's story on SQLite.

use crate::support::Folder;
use tournee_domain::UserId;
use tournee_domain::id::PortfolioCode;
use tournee_server::database::users;
use tournee_server::random;
use tournee_sync::enrol::{Role, User};
use tournee_sync::office::story::{Cast, story};

#[test]
fn sqlite_passes_the_story() {
    let folder = Folder::with_people();
    folder.with_office(async |office| {
        let organisation = office.organisation().await.unwrap();
        let both = User {
            id: UserId(random::uuid()),
            login: "both".to_owned(),
            name: "Both".to_owned(),
            role: Role::Collector,
            portfolios: ["REC01", "REC02"].map(PortfolioCode::new).to_vec(),
            agency: "NIA".to_owned(),
        };
        let mut tx = office.database.write().await.unwrap();
        users::create(&mut tx, organisation.id, &both, "")
            .await
            .unwrap();
        let mut id = async |login| {
            let found = users::by_login(&mut tx, organisation.id, login).await;
            found.unwrap().unwrap().user.id
        };
        let cast = Cast {
            one: id("one").await,
            two: id("two").await,
            both: both.id,
            all: id("manager").await,
        };
        tx.commit().await.unwrap();
        story(&office.database, office.key.as_ref(), cast).await;
    });
}
